"""What contributors need to keep the catalogues of the five languages complete."""

"""The long proofs that EVCE can't be brought down, and that its tests would notice if it could."""

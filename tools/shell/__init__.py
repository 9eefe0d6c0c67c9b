"""The debug shell: what the daemon tells an engineer on call and lets him do, and the shell around it."""

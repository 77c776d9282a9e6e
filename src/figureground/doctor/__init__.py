"""What there is here, whether it works, and what is slow and why."""

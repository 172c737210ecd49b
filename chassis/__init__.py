"""What every service rides on; it knows no domain word."""

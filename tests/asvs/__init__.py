"""What OWASP's ASVS 5.0 asks for at levels 1 and 2, what answers each of it here, and that a test would notice."""

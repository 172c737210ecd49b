"""What can be done with a support: each verb loads, asks the domain, saves, audits and states the fact."""

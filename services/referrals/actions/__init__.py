"""What can be done with a referral: each verb loads, asks the domain, saves, audits and states the fact."""

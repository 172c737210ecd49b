"""What can be done in matching: `peers` speak for themselves, `proposing` offers, `answering` and `releasing` follow."""

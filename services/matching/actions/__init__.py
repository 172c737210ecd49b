"""What can be done in matching: `peers` join and say, `proposing` offers, `answering` goes on, `releasing` lets go."""

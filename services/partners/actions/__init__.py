"""What can be done in the partners room: `organisations` join, `accounts` open and close, `sessions` begin and end."""

"""What can be done in the partners room: `organisations` join, `accounts` open and close, `sessions` begin and end.

`systems` are registered and get keys; by `tokens` they sign in.
"""

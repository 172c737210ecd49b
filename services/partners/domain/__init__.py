"""The rules of the partners room: `organisations`, `accounts`, `sessions`, `passwords` and `second_factors`."""

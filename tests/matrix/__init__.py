"""Every route, method, role, relation to the owner and state, held against the words of docs/roles.md."""

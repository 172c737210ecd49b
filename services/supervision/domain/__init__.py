"""The rules of supervision: `standing` of a peer, `sessions` and when they are due, `concerns` and who owns them."""

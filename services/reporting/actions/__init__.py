"""What can be done in the reporting room: count a fact, draw a report, read one."""

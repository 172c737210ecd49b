"""The rules of reports: periods, the catalogue of measures, how each is counted, and what may be shown."""

"""Data as stored (`database`) and data as sent (`schemas`)."""

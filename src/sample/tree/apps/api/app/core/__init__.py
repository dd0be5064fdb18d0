"""Settings, security, logging and errors: what every other package leans on."""

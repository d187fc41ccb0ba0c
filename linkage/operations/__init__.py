"""What keeps a program running: doctor, diagnostic bundle, metrics, health and logs. Nothing here names a person."""

"""Cases of chapter 19: migration."""

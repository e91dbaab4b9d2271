"""What agents see: pop composition and the hub that fans frames out."""

"""Specs with every default filled in and every name turned into what it stands for: what the templates print."""

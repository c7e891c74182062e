"""What the rules of lint claim, shown on a real control plane and real proxies."""

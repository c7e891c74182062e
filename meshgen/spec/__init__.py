"""The spec language: what a person may write, as typed models."""

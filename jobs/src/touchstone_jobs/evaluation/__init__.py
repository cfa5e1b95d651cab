"""Scoring the answers of one inference job."""

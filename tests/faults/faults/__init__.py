"""The fault suite: load, a cluster of two replicas of everything, and harm by a seeded plan."""

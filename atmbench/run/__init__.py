"""From a drill to a verdict: builds the world, performs the drill, records the facts."""

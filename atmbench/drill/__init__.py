"""The file format of drills: commands, triggers, workloads, expectations; and the drills that are shipped."""

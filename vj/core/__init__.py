"""What every other package stands on: errors, values, resources, settings, checked files. It knows no other."""

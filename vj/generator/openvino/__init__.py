"""The network on processors, by OpenVINO: the same functions as XLA's, cut where bends may come between."""

package org.backdraft.driver;

import java.util.Map;

/**
 * How well a network does on a data set.
 *
 * @param loss mean over all examples
 * @param accuracy share of the examples whose largest output is the label's
 * @param top5 share of the examples whose label is among the five largest outputs
 * @param examples how many there are
 * @param metrics what else was measured, by name
 */
public record EvaluationReport(
    double loss, double accuracy, double top5, long examples, Map<String, Double> metrics) {}

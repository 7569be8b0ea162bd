package org.backdraft.driver.worker;

import java.io.Serializable;

/**
 * How large a loss may become.
 *
 * @param most of a step, 0 for any
 * @param growth of the mean over a window, against the lowest such mean so far; 0 for any
 * @param window steps
 */
public record LossLimits(double most, double growth, int window) implements Serializable {}

package org.backdraft.driver.config;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Settings of {@code implicit-sgd}: the section {@code optimizer.implicit}.
 *
 * @param evaluations of loss and gradient in a step, see {@link org.backdraft.optim.ImplicitSgd}
 */
public record ImplicitConfig(@JsonProperty("evaluations") int evaluations) {}

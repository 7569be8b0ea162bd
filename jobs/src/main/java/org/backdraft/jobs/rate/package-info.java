/**
 * The search of a learning rate by a run in which it rises from step to step. Start at {@link
 * org.backdraft.jobs.rate.RateSearch}, which watches the run, and {@link
 * org.backdraft.jobs.rate.RateCurve}, which says what its losses mean.
 */
package org.backdraft.jobs.rate;

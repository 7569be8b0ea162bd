/**
 * From YAML files, recipes, Spark's settings and options to one checked {@code TrainingConfig}.
 *
 * <p>Start with {@link org.backdraft.jobs.config.ConfigLayers} and {@link
 * org.backdraft.jobs.config.Recipe}. Depends on {@code driver}'s configuration records and a YAML
 * parser.
 */
package org.backdraft.jobs.config;

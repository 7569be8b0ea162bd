/**
 * Networks by name or from files, and trained models as files.
 *
 * <p>Start with {@link org.backdraft.jobs.model.ModelLookup} and {@link
 * org.backdraft.jobs.model.TrainedModel}. Depends on {@code worker-kernels}' networks and {@code
 * driver}'s model files.
 */
package org.backdraft.jobs.model;

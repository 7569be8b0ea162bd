/**
 * Model files: named float32 tensors in the safetensors format.
 *
 * <p>Start with {@link org.backdraft.checkpoint.Safetensors} and {@link
 * org.backdraft.checkpoint.ModelTensors}. Depends on {@code tensor}, Hadoop's file systems and
 * Jackson's parser.
 */
package org.backdraft.checkpoint;

/**
 * Model files, which are named float32 tensors in the safetensors format, and checkpoints, which
 * are folders of them with a manifest of checksums and a marker that is written last.
 *
 * <p>Start with {@link org.backdraft.checkpoint.Safetensors}, {@link
 * org.backdraft.checkpoint.ModelTensors} and {@link org.backdraft.checkpoint.CheckpointStore}.
 * Depends on {@code tensor}, {@code concurrent}, the settings in {@code data}, Hadoop's file
 * systems and Jackson's parser.
 */
package org.backdraft.checkpoint;

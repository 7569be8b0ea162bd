/**
 * Where examples come from: sources, record blocks, epoch order, batches. Pure Java.
 *
 * <p>Start with {@link org.backdraft.data.DataSource} and {@link org.backdraft.data.RecordBlock}. A
 * new format is a {@code …Source} beside the others, named in {@link
 * org.backdraft.data.DataSources}; if its records are neither bytes, numbers nor pictures it has a
 * {@link org.backdraft.data.RecordFormat} of its own, as {@code ByteRecords}, {@code ValueRecords},
 * {@code PictureRecords} and {@code MaskedPictures} are. From {@link
 * org.backdraft.data.BatchLoader} on nothing knows of formats. What is done to pictures is in
 * {@link org.backdraft.image}.
 */
package org.backdraft.data;

package org.backdraft.image;

import java.io.Serializable;

/** One word of an {@link Augmentation}. */
sealed interface AugmentationStep extends Serializable
    permits GeometricStep, PaintedStep, ResizedCrop {}

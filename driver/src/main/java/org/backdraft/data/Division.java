package org.backdraft.data;

import java.io.Serializable;

/** Which examples of a set are held out for validation; a value. */
interface Division extends Serializable {
  /** Examples of the whole. */
  int examples();

  /** How many of them are held out. */
  int heldOut();

  /** The id, in the whole, of a held-out example in [0, {@link #heldOut}); rising. */
  int heldOutId(int index);

  /** The id, in the whole, of a kept example in [0, examples − heldOut); rising. */
  int keptId(int kept);
}

package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@link PointwiseFunction#STEP} in vectors. */
final class SimdStep implements SimdActivation {
  @Override
  public void forward(float slope, float[] x, int xBase, float[] y, int yBase, int length) {
    FloatVector zero = FloatVector.zero(FLOATS);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + i);
      zero.blend(1f, v.compare(VectorOperators.GE, 0f)).intoArray(y, yBase + i);
    }
  }

  @Override
  public void backward(
      float slope,
      float[] x,
      int xBase,
      float[] y,
      int yBase,
      float[] dy,
      int dyBase,
      float[] dx,
      int dxBase,
      int length) {
    FloatVector zero = FloatVector.zero(FLOATS);
    for (int i = 0; i < length; i += WIDTH) {
      zero.intoArray(dx, dxBase + i);
    }
  }
}

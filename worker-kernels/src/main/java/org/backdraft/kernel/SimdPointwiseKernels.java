package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.BYTES;
import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.INTS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;
import static org.backdraft.kernel.SimdSpecies.wholeVectors;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The SIMD twin of {@link ScalarPointwiseKernels}: whole vectors here, what is left of a range
 * (less than one vector) in scalar code.
 *
 * <p>Dropout runs in scalar code: its cost is the generator's integer products, which have no
 * vector form that every width shares.
 */
final class SimdPointwiseKernels implements PointwiseKernels {
  private final ScalarPointwiseKernels scalar = new ScalarPointwiseKernels();

  @Override
  public void apply(
      PointwiseFunction function,
      float slope,
      float[] x,
      int xBase,
      float[] y,
      int yBase,
      int length) {
    int whole = wholeVectors(length);
    switch (function) {
      case RELU -> relu(x, xBase, y, yBase, whole);
      case LOGISTIC -> logistic(slope, x, xBase, y, yBase, whole);
      case TANH -> tanh(x, xBase, y, yBase, whole);
      case GELU -> gelu(x, xBase, y, yBase, whole);
      case STEP -> step(x, xBase, y, yBase, whole);
    }
    scalar.apply(function, slope, x, xBase + whole, y, yBase + whole, length - whole);
  }

  @Override
  public void applyBackward(
      PointwiseFunction function,
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
    int whole = wholeVectors(length);
    switch (function) {
      case RELU -> reluBackward(y, yBase, dy, dyBase, dx, dxBase, whole);
      case LOGISTIC -> logisticBackward(slope, y, yBase, dy, dyBase, dx, dxBase, whole);
      case TANH -> tanhBackward(y, yBase, dy, dyBase, dx, dxBase, whole);
      case GELU -> geluBackward(x, xBase, dy, dyBase, dx, dxBase, whole);
      case STEP -> stepBackward(dx, dxBase, whole);
    }
    scalar.applyBackward(
        function,
        slope,
        x,
        xBase + whole,
        y,
        yBase + whole,
        dy,
        dyBase + whole,
        dx,
        dxBase + whole,
        length - whole);
  }

  @Override
  public void add(float[] a, int aBase, float[] b, int bBase, float[] y, int yBase, int length) {
    int whole = wholeVectors(length);
    for (int i = 0; i < whole; i += WIDTH) {
      FloatVector left = FloatVector.fromArray(FLOATS, a, aBase + i);
      left.add(FloatVector.fromArray(FLOATS, b, bBase + i)).intoArray(y, yBase + i);
    }
    scalar.add(a, aBase + whole, b, bBase + whole, y, yBase + whole, length - whole);
  }

  @Override
  public void dropout(
      float rate,
      long key,
      long stream,
      long first,
      float[] x,
      int xBase,
      float[] y,
      int yBase,
      int length) {
    scalar.dropout(rate, key, stream, first, x, xBase, y, yBase, length);
  }

  @Override
  public void decode(
      byte[] bytes, int bytesBase, float scale, float shift, float[] y, int yBase, int length) {
    // A vector of bytes may be longer than one of floats: whole ones of both.
    int whole = wholeVectors(Math.max(0, length - (BYTES.length() - WIDTH)));
    FloatVector scales = FloatVector.broadcast(FLOATS, scale);
    FloatVector shifts = FloatVector.broadcast(FLOATS, shift);
    for (int i = 0; i < whole; i += WIDTH) {
      ByteVector signed = ByteVector.fromArray(BYTES, bytes, bytesBase + i);
      IntVector unsigned =
          ((IntVector) signed.convertShape(VectorOperators.B2I, INTS, 0)).and(0xff);
      FloatVector v = (FloatVector) unsigned.convertShape(VectorOperators.I2F, FLOATS, 0);
      v.fma(scales, shifts).intoArray(y, yBase + i);
    }
    scalar.decode(bytes, bytesBase + whole, scale, shift, y, yBase + whole, length - whole);
  }

  private static void relu(float[] x, int xBase, float[] y, int yBase, int length) {
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + i);
      v.blend(0f, v.compare(VectorOperators.LT, 0f)).intoArray(y, yBase + i);
    }
  }

  private static void logistic(
      float slope, float[] x, int xBase, float[] y, int yBase, int length) {
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + i);
      one.div(SimdFunctions.exp(v.mul(-slope)).add(1f)).intoArray(y, yBase + i);
    }
  }

  private static void tanh(float[] x, int xBase, float[] y, int yBase, int length) {
    for (int i = 0; i < length; i += WIDTH) {
      SimdFunctions.tanh(FloatVector.fromArray(FLOATS, x, xBase + i)).intoArray(y, yBase + i);
    }
  }

  private static void gelu(float[] x, int xBase, float[] y, int yBase, int length) {
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + i);
      v.mul(SimdFunctions.normalCumulative(v)).intoArray(y, yBase + i);
    }
  }

  private static void step(float[] x, int xBase, float[] y, int yBase, int length) {
    FloatVector zero = FloatVector.zero(FLOATS);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + i);
      zero.blend(1f, v.compare(VectorOperators.GE, 0f)).intoArray(y, yBase + i);
    }
  }

  private static void reluBackward(
      float[] y, int yBase, float[] dy, int dyBase, float[] dx, int dxBase, int length) {
    FloatVector zero = FloatVector.zero(FLOATS);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector out = FloatVector.fromArray(FLOATS, y, yBase + i);
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyBase + i);
      zero.blend(d, out.compare(VectorOperators.GT, 0f)).intoArray(dx, dxBase + i);
    }
  }

  private static void logisticBackward(
      float slope,
      float[] y,
      int yBase,
      float[] dy,
      int dyBase,
      float[] dx,
      int dxBase,
      int length) {
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector out = FloatVector.fromArray(FLOATS, y, yBase + i);
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyBase + i);
      out.mul(one.sub(out)).mul(slope).mul(d).intoArray(dx, dxBase + i);
    }
  }

  private static void tanhBackward(
      float[] y, int yBase, float[] dy, int dyBase, float[] dx, int dxBase, int length) {
    FloatVector one = FloatVector.broadcast(FLOATS, 1f);
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector out = FloatVector.fromArray(FLOATS, y, yBase + i);
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyBase + i);
      out.mul(-1f).fma(out, one).mul(d).intoArray(dx, dxBase + i);
    }
  }

  private static void geluBackward(
      float[] x, int xBase, float[] dy, int dyBase, float[] dx, int dxBase, int length) {
    for (int i = 0; i < length; i += WIDTH) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xBase + i);
      FloatVector d = FloatVector.fromArray(FLOATS, dy, dyBase + i);
      FloatVector cumulative = SimdFunctions.normalCumulative(v);
      v.fma(SimdFunctions.normalDensity(v), cumulative).mul(d).intoArray(dx, dxBase + i);
    }
  }

  private static void stepBackward(float[] dx, int dxBase, int length) {
    FloatVector zero = FloatVector.zero(FLOATS);
    for (int i = 0; i < length; i += WIDTH) {
      zero.intoArray(dx, dxBase + i);
    }
  }
}

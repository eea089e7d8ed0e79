package picture

import (
	"image"
	"image/color"
	"math"
)

// scale draws img smaller, with the Catmull-Rom kernel.
func scale(img image.Image, width, height int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	if m, ok := img.(*image.YCbCr); ok { // as photographs are: each of its planes alone, since two of them are smaller
		light := plane(m.Y[m.YOffset(m.Rect.Min.X, m.Rect.Min.Y):], m.YStride, m.Rect.Dx(), m.Rect.Dy(), width, height)
		w, h := chromaSize(m)
		at := m.COffset(m.Rect.Min.X, m.Rect.Min.Y)
		blue, red := plane(m.Cb[at:], m.CStride, w, h, width, height), plane(m.Cr[at:], m.CStride, w, h, width, height)
		for i := range width * height {
			r, g, b := color.YCbCrToRGB(light[i], blue[i], red[i])
			out.Pix[4*i], out.Pix[4*i+1], out.Pix[4*i+2], out.Pix[4*i+3] = r, g, b, 255
		}
		return out
	}
	b := img.Bounds()
	resample(rowsOf(img), 4, b.Dx(), b.Dy(), width, height, func(y int, row []float32) { store(out.Pix[y*out.Stride:], row) })
	return out
}

// chromaSize is the size of the planes Cb and Cr.
func chromaSize(m *image.YCbCr) (width, height int) {
	last := m.COffset(m.Rect.Max.X-1, m.Rect.Max.Y-1) - m.COffset(m.Rect.Min.X, m.Rect.Min.Y)
	return last%m.CStride + 1, last/m.CStride + 1
}

// plane draws one channel smaller.
func plane(pix []byte, stride, fromWidth, fromHeight, width, height int) []byte {
	out := make([]byte, width*height)
	rows := func(y int, row []float32) {
		for x, v := range pix[y*stride:][:fromWidth] {
			row[x] = float32(v)
		}
	}
	resample(rows, 1, fromWidth, fromHeight, width, height, func(y int, row []float32) {
		for x, v := range row {
			out[y*width+x] = uint8(min(max(v, 0), 255) + 0.5)
		}
	})
	return out
}

// resample reads rows of interleaved channels and passes each row of the result on. It holds a few rows only: the scaler of
// golang.org/x/image keeps the whole picture in between, and needs several times the memory of the picture itself.
func resample(read func(y int, row []float32), channels, fromWidth, fromHeight, width, height int, write func(y int, row []float32)) {
	across, down, most := kernels(fromWidth, width), kernels(fromHeight, height), 0
	for _, k := range down {
		most = max(most, len(k.weights))
	}
	ring := make([][]float32, most) // row y of the picture, drawn narrower, lies at y modulo the length
	for i := range ring {
		ring[i] = make([]float32, channels*width)
	}
	whole, sum, next := make([]float32, channels*fromWidth), make([]float32, channels*width), 0
	for y, k := range down {
		for next = max(next, k.first); next < k.first+len(k.weights); next++ {
			read(next, whole)
			if channels == 1 {
				narrowOne(ring[next%most], whole, across)
			} else {
				narrow(ring[next%most], whole, across)
			}
		}
		clear(sum)
		for n, weight := range k.weights {
			for i, v := range ring[(k.first+n)%most] {
				sum[i] += weight * v
			}
		}
		write(y, sum)
	}
}

// kernel holds the weights of neighbouring samples for one sample of the result.
type kernel struct {
	first   int
	weights []float32
}

func kernels(from, to int) []kernel {
	ratio := float64(from) / float64(to)
	wide := math.Max(ratio, 1)
	out := make([]kernel, to)
	for i := range out {
		centre := (float64(i)+0.5)*ratio - 0.5
		first, last := max(0, int(math.Ceil(centre-2*wide))), min(from-1, int(math.Floor(centre+2*wide)))
		k, sum := kernel{first: first, weights: make([]float32, last-first+1)}, float32(0)
		for n := range k.weights {
			k.weights[n] = catmullRom((float64(first+n) - centre) / wide)
			sum += k.weights[n]
		}
		for n := range k.weights {
			k.weights[n] /= sum
		}
		out[i] = k
	}
	return out
}

func catmullRom(x float64) float32 {
	x = math.Abs(x)
	switch {
	case x < 1:
		return float32((1.5*x-2.5)*x*x + 1)
	case x < 2:
		return float32(((-0.5*x+2.5)*x-4)*x + 2)
	}
	return 0
}

// narrowOne weighs one row of one channel across.
func narrowOne(out, row []float32, across []kernel) {
	for x, k := range across {
		v, at := float32(0), row[k.first:][:len(k.weights)]
		for n, weight := range k.weights {
			v += weight * at[n]
		}
		out[x] = v
	}
}

// narrow weighs one row of four channels across.
func narrow(out, row []float32, across []kernel) {
	for x, k := range across {
		var r, g, b, a float32
		at := row[4*k.first:]
		for n, weight := range k.weights {
			p := at[4*n : 4*n+4 : 4*n+4]
			r, g, b, a = r+weight*p[0], g+weight*p[1], b+weight*p[2], a+weight*p[3]
		}
		out[4*x], out[4*x+1], out[4*x+2], out[4*x+3] = r, g, b, a
	}
}

// store rounds a row. A colour is at most its alpha, since colours are premultiplied.
func store(pix []byte, sum []float32) {
	for i := 0; i < len(sum); i += 4 {
		a := min(max(sum[i+3], 0), 255)
		for c := range 3 {
			pix[i+c] = uint8(min(max(sum[i+c], 0), a) + 0.5)
		}
		pix[i+3] = uint8(a + 0.5)
	}
}

// rowsOf returns a function that reads one row as premultiplied values from 0 to 255. The usual formats are read directly, all others
// through At.
func rowsOf(img image.Image) func(y int, row []float32) {
	b := img.Bounds()
	if m, ok := img.(*image.NRGBA); ok {
		return func(y int, row []float32) {
			pix := m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):]
			for i := 0; i < 4*b.Dx(); i += 4 {
				a := float32(pix[i+3]) / 255
				row[i], row[i+1], row[i+2], row[i+3] = float32(pix[i])*a, float32(pix[i+1])*a, float32(pix[i+2])*a, float32(pix[i+3])
			}
		}
	}
	if m, ok := img.(*image.RGBA); ok {
		return func(y int, row []float32) {
			for i, v := range m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):][:4*b.Dx()] {
				row[i] = float32(v)
			}
		}
	}
	return func(y int, row []float32) {
		for x := range b.Dx() {
			red, green, blue, alpha := img.At(b.Min.X+x, b.Min.Y+y).RGBA()
			row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = float32(red)/257, float32(green)/257, float32(blue)/257, float32(alpha)/257
		}
	}
}

// fit is the size of a picture whose longer side is at most side. Pictures are never drawn larger.
func fit(width, height, side int) (int, int) {
	longer := max(width, height)
	if longer <= side {
		return width, height
	}
	return max(1, (width*side+longer/2)/longer), max(1, (height*side+longer/2)/longer)
}

// upright turns a picture by its orientation (Exif 2.32, tag 0x0112).
func upright(m *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return m
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			tx, ty := x, y
			if orientation >= 5 {
				tx, ty = y, x // mirrored at the diagonal
			}
			switch orientation {
			case 2, 6:
				tx = out.Rect.Dx() - 1 - tx
			case 3, 7:
				tx, ty = out.Rect.Dx()-1-tx, out.Rect.Dy()-1-ty
			case 4, 8:
				ty = out.Rect.Dy() - 1 - ty
			}
			copy(out.Pix[out.PixOffset(tx, ty):][:4], m.Pix[m.PixOffset(x, y):][:4])
		}
	}
	return out
}

package digits

// Side is the width and height of an image in pixels.
const Side = 28

// Classes is the number of digits.
const Classes = 10

// Image is a grey image of Side x Side pixels, row by row from the top left
// corner: 0 is the background, 255 full ink.
type Image [Side * Side]uint8

// At gives the pixel in column x and row y.
func (m *Image) At(x, y int) uint8 { return m[y*Side+x] }

// centre gives the centre of mass in pixels, of pixel centres, so that a lone
// pixel at (3, 5) has it at (3.5, 5.5); and whether there is any ink.
func (m *Image) centre() (x, y float64, inked bool) {
	var sum, sumX, sumY int
	for i, v := range m {
		sum += int(v)
		sumX += int(v) * (i % Side)
		sumY += int(v) * (i / Side)
	}
	if sum == 0 {
		return 0, 0, false
	}
	return float64(sumX)/float64(sum) + 0.5, float64(sumY)/float64(sum) + 0.5, true
}

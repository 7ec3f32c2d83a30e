; ---- a film ----------------------------------------------------------------------------------------------------------

FILM_WIDTH      equ 256                 ; QEMU looks for changes in columns of 32 pixels
FILM_HEIGHT     equ 320                 ; of which each is large enough to be video

; So many frames in the upper left, one each tick. Each is painted where it is not seen, and is then shown at once: whoever
; looks in between finds no half of it. What is around is the same on both pages.
film:
        call number
        mov [to_draw], cx
        mov byte [films], 1
        mov dword [step_right], 0x010201
        mov dword [step_down], 0x020101
        mov word [area_left], 0
        mov word [area_top], 0
        mov ax, [width]
        mov [area_width], ax
        mov ax, [height]
        mov [area_height], ax
        call paint
        mov ax, [height]
        mov [area_top], ax
        jmp paint

film_frame:
        mov word [area_left], 0
        mov word [area_width], FILM_WIDTH
        mov word [area_height], FILM_HEIGHT
        xor ax, ax
        test byte [drawn], 1
        jz .there
        mov ax, [height]
.there:
        mov [area_top], ax
        call paint
        mov ax, DISPLAY_TOP
        mov dx, [area_top]
        jmp set_display

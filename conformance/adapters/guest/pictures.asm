; ---- pictures --------------------------------------------------------------------------------------------------------

SIDE            equ 32                  ; of a rectangle

text_mode:
        mov word [to_draw], 0
        mov byte [graphics], 0
        mov ax, 3
        jmp video_mode

animate:
        call number
        mov [to_draw], cx
        mov byte [films], 0
        test byte [graphics], 1
        jnz nothing
        mov byte [graphics], 1
        mov word [width], 320
        mov word [height], 200
        mov word [pixel_size], 1
        mov byte [soft], 0
        mov ax, 0x13
video_mode:
        push ax
        mov ax, DISPLAY_ON
        xor dx, dx
        call set_display
        call set_bank
        pop ax
        push bp
        int 0x10
        cli
        pop bp
        ret

; A mode without the BIOS, which does not know all of them.
mode:
        call number
        mov [width], cx
        call number
        mov [height], cx
        call number
        mov byte [graphics], 1
        mov ax, DISPLAY_ON              ; nothing else can be set while it is on
        xor dx, dx
        call set_display
        mov ax, DISPLAY_WIDTH
        mov dx, [width]
        call set_display
        mov ax, DISPLAY_HEIGHT
        mov dx, [height]
        call set_display
        mov ax, DISPLAY_BITS
        mov dx, cx
        call set_display
        mov ax, DISPLAY_ON
        mov dx, 1
        call set_display
        xor dx, dx
        call set_bank
        add cx, 7
        shr cx, 3
        mov [pixel_size], cx
        mov byte [soft], 1
        call soft_colours
        xor cx, cx
        call set_palette
        mov word [area_left], 0
        mov word [area_top], 0
        mov ax, [width]
        mov [area_width], ax
        mov ax, [height]
        mov [area_height], ax
        jmp paint

; DX to the register AX.
set_display:
        push dx
        mov dx, DISPLAY
        out dx, ax
        inc dx
        pop ax
        out dx, ax
        ret

; The 64 KiB number DX.
set_bank:
        mov [bank], dx
        mov ax, DISPLAY_BANK
        jmp set_display

palette:
        call number
; All colours, beginning with that of CL: red rises, green does so three times, blue falls.
set_palette:
        mov dx, PALETTE
        xor al, al
        out dx, al
        inc dx
        mov bx, 256
.next:
        mov al, cl
        shr al, 2
        out dx, al
        mov ah, 63
        sub ah, al
        mov al, cl
        add al, cl
        add al, cl
        shr al, 2
        out dx, al
        mov al, ah
        out dx, al
        inc cl
        dec bx
        jnz .next
        ret

poll_animation:
        cmp word [to_draw], 0
        je .end
        mov ax, [BIOS_TICKS]
        cmp ax, [last_tick]
        je .end
        mov [last_tick], ax
        inc bp
        inc word [drawn]
        test byte [films], 1
        jz .rectangle
        call film_frame
        jmp .painted
.rectangle:
        mov word [area_width], SIDE
        mov word [area_height], SIDE
        imul ax, [drawn], 24            ; a place that walks over the picture and never leaves it
        xor dx, dx
        mov bx, [width]
        sub bx, SIDE
        div bx
        mov [area_left], dx
        imul ax, [drawn], 16
        xor dx, dx
        mov bx, [height]
        sub bx, SIDE
        div bx
        mov [area_top], dx
        xor eax, eax                    ; one colour; in modes that were asked for so is every other rectangle
        mov [step_right], eax
        mov [step_down], eax
        mov al, [drawn]
        and al, [soft]
        jz .paint
        call soft_colours
.paint:
        call paint
.painted:
        dec word [to_draw]
        jnz .end
        mov si, text_drawn
        call print
.end:
        ret

soft_colours:
        mov dword [step_right], 0x080402
        mov dword [step_down], 0x010408
        ret

; The area, in colours that depend on how many rectangles there were, and on the place in it.
paint:
        push es
        push word 0xA000
        pop es
        movzx edi, word [area_top]
        movzx eax, word [width]
        imul edi, eax
        movzx eax, word [area_left]
        add edi, eax
        movzx eax, word [pixel_size]
        imul edi, eax                   ; the byte at which it begins
        movzx ebp, word [width]
        movzx ecx, word [area_width]
        sub ebp, ecx
        imul ebp, eax                   ; from the end of a row to the next
        movzx esi, word [drawn]
        imul esi, esi, 0x050B21
        add esi, 32
        mov dx, [area_height]
.row:
        mov eax, esi
        mov cx, [area_width]
.pixel:
        call put_pixel
        add eax, [step_right]
        loop .pixel
        add esi, [step_down]
        add edi, ebp
        dec dx
        jnz .row
        pop es
        mov bp, 1
        ret

; The colour EAX to the byte EDI of the picture; EDI goes to the next pixel.
put_pixel:
        push eax
        push cx
        mov cx, [pixel_size]
.next:
        mov ebx, edi
        shr ebx, 16
        cmp bx, [bank]
        je .here
        push ax
        push dx
        mov dx, bx
        call set_bank
        pop dx
        pop ax
.here:
        mov [es:di], al
        shr eax, 8
        inc edi
        loop .next
        pop cx
        pop eax
        ret

; ---- keyboard and mouse ----------------------------------------------------------------------------------------------

; Until the controller takes a byte.
controller_ready:
        push ax
        push cx
        mov cx, 0xFFFF
.wait:
        in al, KEYBOARD_STATUS
        test al, 2
        loopnz .wait
        pop cx
        pop ax
        ret

; AL to the controller itself.
controller:
        call controller_ready
        out KEYBOARD_STATUS, al
        ret

; AL to the data port; then what the device answers to it, in AL.
ask:
        call controller_ready
        out KEYBOARD_DATA, al
        push cx
        mov cx, 0xFFFF
.wait:
        in al, KEYBOARD_STATUS
        test al, 1
        loopz .wait
        in al, KEYBOARD_DATA
        pop cx
        ret

; AL to the mouse.
ask_mouse:
        push ax
        mov al, 0xD4
        call controller
        pop ax
        jmp ask

start_mouse:
        mov al, 0xA8                    ; the mouse's port on
        call controller
        mov al, 0x60                    ; both may interrupt, scan codes become set 1
        call controller
        mov al, 0x47
        call controller_ready
        out KEYBOARD_DATA, al
.empty:
        in al, KEYBOARD_STATUS
        test al, 1
        jz .begin
        in al, KEYBOARD_DATA
        jmp .empty
.begin:
        mov si, mouse_start
.next:
        lodsb
        test al, al
        jz .end
        call ask_mouse
        jmp .next
.end:
        ret

poll_keyboard:
        in al, KEYBOARD_STATUS
        test al, 1
        jz .end
        inc bp
        mov ah, al
        in al, KEYBOARD_DATA
        test ah, 0x20
        jnz .mouse
        push ax
        mov al, 'K'
        call put
        call print_space
        pop ax
        call print_byte
        call print_end
        jmp poll_keyboard
.mouse:
        mov bx, [packet_length]
        test bx, bx
        jnz .keep
        test al, 8                      ; always set in the first byte: otherwise we are out of step
        jz poll_keyboard
.keep:
        mov [packet_bytes + bx], al
        inc bx
        mov [packet_length], bx
        cmp bx, MOUSE_PACKET
        jb poll_keyboard
        mov word [packet_length], 0
        mov al, 'M'
        test byte [is_absolute], 1
        jz .named
        mov al, 'm'
.named:
        call put
        mov si, packet_bytes
        mov cx, MOUSE_PACKET
.print:
        call print_space
        lodsb
        call print_byte
        loop .print
        call print_end
        jmp poll_keyboard
.end:
        ret

set_leds:
        call number
        mov al, 0xED
        call ask
        mov al, cl
        jmp ask

; ---- VMware pointer --------------------------------------------------------------------------------------------------

; The command in CX with the argument in EBX; answers in EAX, EBX, ECX, EDX.
backdoor:
        movzx ecx, cx
        mov eax, BACKDOOR_MAGIC
        mov edx, BACKDOOR
        in eax, dx
        ret

pointer_command:
        mov cx, POINTER_COMMAND
        jmp backdoor

pointer_absolute:
        mov ebx, POINTER_ENABLE
        call pointer_command
.empty:
        mov cx, POINTER_STATUS          ; its version number stands in the queue, and perhaps old movements
        xor ebx, ebx
        call backdoor
        test ax, ax
        jz .begin
        mov cx, POINTER_DATA
        mov ebx, 1
        call backdoor
        jmp .empty
.begin:
        mov ebx, POINTER_ABSOLUTE
        call pointer_command
        mov byte [is_absolute], 1
        ret

; Relative alone is not enough: QEMU then puts relative movements into the same queue, and the PS/2 mouse gets none.
pointer_relative:
        mov ebx, POINTER_RELATIVE
        call pointer_command
        mov ebx, POINTER_DISABLE
        call pointer_command
        mov byte [is_absolute], 0
        ret

poll_pointer:
        test byte [is_absolute], 1
        jz .end
.next:
        mov cx, POINTER_STATUS
        xor ebx, ebx
        call backdoor
        cmp ax, 4                       ; words in the queue
        jb .end
        inc bp
        mov cx, POINTER_DATA
        mov ebx, 4
        call backdoor
        push edx
        push ecx
        push ebx
        push eax
        mov al, 'V'
        call put
        mov cx, 4
.print:
        call print_space
        pop eax
        call print_double
        loop .print
        call print_end
        jmp .next
.end:
        ret

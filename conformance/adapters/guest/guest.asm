; A guest without an operating system: it says what its keyboard and its pointer do, and draws when it is told to.
;
; Built with `nasm -f bin guest.asm -o guest.img`; the image is a disk of a few sectors. The BIOS loads the first, which
; loads the others. All of it runs in real mode, where the BIOS can still set video modes.
;
; It is driven line by line over the first serial port, and answers every line with "ok", or "no", and the line:
;
;   hello ANYTHING      ready?
;   pointer absolute    takes the VMware pointer: SPICE goes to client mouse mode
;   pointer relative    gives it back: SPICE goes to server mouse mode
;   animate N           fills N rectangles in mode 13h (320x200, 256 colours), one each tick of the BIOS clock (18.2 Hz),
;                       and says "drawn" after the last
;   text                the text mode it began in (720x400)
;   leds N              keyboard lamps: 1 scroll lock, 2 num lock, 4 caps lock
;
; On its own it says:
;
;   K 1E                a byte from the keyboard, scan code set 1
;   M 28 05 FA 00       a packet from the mouse: flags, dx, dy (upwards), wheel and buttons 4 and 5
;   m 08 01 00 00       the same while it has the VMware pointer; that device rings with a packet like this one each time
;   V bbbbbbbb xxxxxxxx yyyyyyyy zzzzzzzz    the VMware pointer: buttons, x and y of 65536, wheel

        cpu 486
        bits 16
        org 0x7C00

LOADED          equ 3                   ; sectors after the first

SERIAL          equ 0x3F8
KEYBOARD_DATA   equ 0x60
KEYBOARD_STATUS equ 0x64
BIOS_TICKS      equ 0x46C               ; segment 0

BACKDOOR        equ 0x5658
BACKDOOR_MAGIC  equ 0x564D5868
POINTER_DATA    equ 39
POINTER_STATUS  equ 40
POINTER_COMMAND equ 41
POINTER_ENABLE  equ 0x45414552
POINTER_ABSOLUTE equ 0x53424152
POINTER_RELATIVE equ 0x4C455252
POINTER_DISABLE equ 0xF5

MOUSE_PACKET    equ 4
LINE_SIZE       equ 40

; ---- first sector: load the rest -------------------------------------------------------------------------------------

        cli
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7C00
        sti
        jmp 0:load
load:
        mov ah, 0x42                    ; by block number: a disk this small has no geometry. DL is still the drive
        mov si, disk_packet
        int 0x13
        jnc program
        mov si, text_unreadable
        call print
.stop:
        hlt
        jmp .stop

        align 4
disk_packet:
        db 16, 0
        dw LOADED
        dw 0x7E00, 0
        dq 1

; ---- serial line -----------------------------------------------------------------------------------------------------

; AL goes out; all registers are kept.
put:
        push dx
        push ax
        mov dx, SERIAL + 5
.wait:
        in al, dx
        test al, 0x20
        jz .wait
        pop ax
        mov dx, SERIAL
        out dx, al
        pop dx
        ret

; The text at SI, up to its zero byte.
print:
        lodsb
        test al, al
        jz .end
        call put
        jmp print
.end:
        ret

; AL as two digits.
print_byte:
        push ax
        shr al, 4
        call .digit
        pop ax
.digit:
        and al, 15
        cmp al, 10
        sbb al, 0x69                    ; 0-9 and A-F to ASCII
        das
        jmp put

; EAX as eight digits.
print_double:
        push cx
        mov cx, 4
.next:
        rol eax, 8
        push eax
        call print_byte
        pop eax
        loop .next
        pop cx
        ret

print_space:
        mov al, ' '
        jmp put

print_end:
        mov al, 10
        jmp put

        times 510 - ($ - $$) db 0
        dw 0xAA55

; ---- second sector and on --------------------------------------------------------------------------------------------

program:
        cli
        cld
        mov word [4 * 0x09], wake       ; keyboard, line 1
        mov word [4 * 0x09 + 2], 0
        mov word [4 * 0x0C], wake       ; serial port, line 4
        mov word [4 * 0x0C + 2], 0
        mov word [4 * 0x74], wake_slave ; mouse, line 12
        mov word [4 * 0x74 + 2], 0
        in al, 0x21
        and al, ~(1 << 0 | 1 << 1 | 1 << 2 | 1 << 4) & 0xFF
        out 0x21, al
        in al, 0xA1
        and al, ~(1 << 4) & 0xFF
        out 0xA1, al

        mov dx, SERIAL + 3              ; 115200 baud, 8 bits, no parity
        mov al, 0x80
        out dx, al
        mov dx, SERIAL
        mov al, 1
        out dx, al
        inc dx
        xor al, al
        out dx, al
        mov dx, SERIAL + 3
        mov al, 3
        out dx, al
        dec dx
        mov al, 7                       ; queues on, and empty
        out dx, al
        mov dx, SERIAL + 4
        mov al, 0x0B                    ; the port may interrupt
        out dx, al
        mov dx, SERIAL + 1
        mov al, 1                       ; when a byte has come
        out dx, al

        call start_mouse
        mov si, text_ready
        call print

; Everything that waits is taken with interrupts off; so none is lost between the last look and the halt.
main:
        cli
        xor bp, bp                      ; how many things were done
        call poll_serial
        call poll_keyboard
        call poll_pointer
        call poll_animation
        sti
        test bp, bp
        jnz main
        hlt
        jmp main

; Interrupts only end the halt; what they announce is polled.
wake_slave:
        push ax
        mov al, 0x20
        out 0xA0, al
        out 0x20, al
        pop ax
        iret
wake:
        push ax
        mov al, 0x20
        out 0x20, al
        pop ax
        iret

; ---- commands --------------------------------------------------------------------------------------------------------

poll_serial:
        mov dx, SERIAL + 5
        in al, dx
        test al, 1
        jz .end
        inc bp
        mov dx, SERIAL
        in al, dx
        cmp al, 13
        je poll_serial
        mov bx, [line_length]
        cmp al, 10
        je .whole
        cmp bx, LINE_SIZE - 1
        jae poll_serial
        mov [line_read + bx], al
        inc word [line_length]
        jmp poll_serial
.whole:
        mov byte [line_read + bx], 0
        mov word [line_length], 0
        call obey
        jmp poll_serial
.end:
        ret

; Finds the line in the table and calls what stands beside it, with SI behind the name.
obey:
        mov bx, commands
.next:
        mov di, [bx]
        test di, di
        jz .unknown
        mov si, line_read
.compare:
        mov al, [di]
        test al, al
        jz .found
        cmp al, [si]
        jne .other
        inc si
        inc di
        jmp .compare
.other:
        add bx, 4
        jmp .next
.found:
        call [bx + 2]
        mov si, text_ok
        jmp .answer
.unknown:
        mov si, text_no
.answer:
        call print
        mov si, line_read
        call print
        jmp print_end

; The decimal number at SI, in CX.
number:
        xor cx, cx
.next:
        lodsb
        sub al, '0'
        cmp al, 9
        ja .end
        imul cx, 10
        mov ah, 0
        add cx, ax
        jmp .next
.end:
        ret

nothing:
        ret

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

; ---- pictures --------------------------------------------------------------------------------------------------------

text_mode:
        mov word [to_draw], 0
        mov byte [graphics], 0
        mov ax, 3
        jmp video_mode

animate:
        call number
        mov [to_draw], cx
        test byte [graphics], 1
        jnz nothing
        mov byte [graphics], 1
        mov ax, 0x13
video_mode:
        push bp
        int 0x10
        cli
        pop bp
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
        push es
        push word 0xA000
        pop es
        imul ax, [drawn], 24            ; a place that walks over the picture and never leaves it: x of 288, y of 168
        xor dx, dx
        mov bx, 288
        div bx
        push dx
        imul ax, [drawn], 16
        xor dx, dx
        mov bx, 168
        div bx
        imul di, dx, 320
        pop dx
        add di, dx
        mov al, [drawn]
        add al, 32
        mov dx, 32
.row:
        mov cx, 32
        rep stosb
        add di, 320 - 32
        dec dx
        jnz .row
        pop es
        dec word [to_draw]
        jnz .end
        mov si, text_drawn
        call print
.end:
        ret

; ---- tables and state ------------------------------------------------------------------------------------------------

commands:
        dw name_hello, nothing
        dw name_absolute, pointer_absolute
        dw name_relative, pointer_relative
        dw name_animate, animate
        dw name_text, text_mode
        dw name_leds, set_leds
        dw 0

name_hello      db "hello ", 0
name_absolute   db "pointer absolute", 0
name_relative   db "pointer relative", 0
name_animate    db "animate ", 0
name_text       db "text", 0
name_leds       db "leds ", 0

text_ready      db "ready", 10, 0
text_ok         db "ok ", 0
text_no         db "no ", 0
text_drawn      db "drawn", 10, 0
text_unreadable db "unreadable", 10, 0

; Three sample rates are the knock that turns the mouse into one with a wheel, three more into one with five buttons (QEMU
; needs no question for its id after them). Then reports on.
mouse_start     db 0xF6, 0xF3, 200, 0xF3, 100, 0xF3, 80, 0xF3, 200, 0xF3, 200, 0xF3, 80, 0xF4, 0

line_length     dw 0
packet_length   dw 0
to_draw         dw 0
drawn           dw 0
last_tick       dw 0
is_absolute     db 0
graphics        db 0
packet_bytes    times MOUSE_PACKET db 0
line_read       times LINE_SIZE db 0

        times 512 * (1 + LOADED) - ($ - $$) db 0
